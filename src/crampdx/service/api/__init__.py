"""The JSON API: its routes, its OpenAPI document and its problem details."""
