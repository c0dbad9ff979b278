"""Microsoft: meetings, people and rooms of Teams, Entra and Exchange Online, through Microsoft Graph."""
