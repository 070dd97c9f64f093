"""What people open: files for a GIS, and a report."""
