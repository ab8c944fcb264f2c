"""`msasss node`: a DICOM service that takes films, scores them and returns the results to a PACS."""
