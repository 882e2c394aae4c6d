"""Evaluation: how well rules rank the known diagnoses of cases, and how firmly."""
