"""Mailboxes on other servers, read without losing or doubling a mail."""
