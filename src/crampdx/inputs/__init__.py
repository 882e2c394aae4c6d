"""Documents of other forms to records. Imports only `record`, `text` and `errors`."""
