"""Index: brings candidates together; one protocol, several backends."""
