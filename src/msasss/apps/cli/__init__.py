"""The command line: one module per verb, results on stdout or in files, progress and messages on stderr."""
