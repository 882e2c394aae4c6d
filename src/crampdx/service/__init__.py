"""The service: CDS Hooks 2.0, a JSON API and a page, on HTTP. Needs the extra `service`."""
