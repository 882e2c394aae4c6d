"""The ground: JSON, YAML, durations and keys of names. Imports only `errors`."""
