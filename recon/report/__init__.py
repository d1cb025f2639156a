"""A run as files people take away: CSV, JSON, XLSX. Text from files never becomes a formula."""
