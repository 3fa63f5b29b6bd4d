"""Documents: receipts, forms, letters, PDF pages. From a scan or a text layer to lines, columns, pairs and amounts."""
