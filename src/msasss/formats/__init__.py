"""One module per file format; each reads or writes the same domain types."""
