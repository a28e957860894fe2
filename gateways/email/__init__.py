"""Customers' mail: how it comes in, what it says, how answers leave."""
