"""The patient record: its models, dates and parsing. Imports only `text` and `errors`."""
