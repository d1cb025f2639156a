"""What a feed's files say about each other, and when the next is due. Pure."""
