"""A run's report as CSV, JSON and XLSX: pure builders, from tables to bytes."""

from recon.report.carried import carried_lines, with_origins
from recon.report.csv_file import write_csv
from recon.report.decided import decided_rows
from recon.report.rows import discrepancy_rows, matched_rows, netted_rows, reject_rows
from recon.report.summary import kind_counts, proof_summary, result_summary, total_summary
from recon.report.workbook import WorkbookContent, write_workbook

__all__ = [
    "WorkbookContent",
    "carried_lines",
    "decided_rows",
    "discrepancy_rows",
    "kind_counts",
    "matched_rows",
    "netted_rows",
    "proof_summary",
    "reject_rows",
    "result_summary",
    "total_summary",
    "with_origins",
    "write_csv",
    "write_workbook",
]
