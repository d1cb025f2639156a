"""What waits for a second person: the inbox, what exactly would be done, and deciding."""
