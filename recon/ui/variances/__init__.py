"""What the Variances page is made of: filters, the chart, the list, and the panel that opens one."""
