"""Integrations: Scrapy, HTTP service, Spark."""
