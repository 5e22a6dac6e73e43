"""The pre-ingest filter: what to do with each record of a stream, and the stream itself."""
