"""Bytes to transactions: pure, whole columns at a time, never a guess and never a lost row.

What a file may ask, in the order it is asked; what stands on one line is asked together:

    ENCODING
    DELIMITER, SHEET
    HEADER, HEADER_CHANGED
    AMOUNT_COLUMN, DATE_COLUMN and any other <ROLE>_COLUMN
    DATE_CELLS
    DAY_MONTH_ORDER, TWO_DIGIT_YEAR, DECIMAL_MARK, CURRENCY, SIGN_MODEL
    CONTROL_TOTAL
"""

from recon.ingest.reader import read_file

__all__ = ["read_file"]
