"""What the sender newly wrote, without quoted mails, signatures and device lines. The full body is always kept."""
