"""What vendors are told."""
