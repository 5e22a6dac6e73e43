"""Reporting: terminal, JSON and HTML."""
