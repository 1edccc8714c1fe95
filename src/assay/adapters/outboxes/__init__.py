"""Outboxes: letters that wait to be delivered."""
