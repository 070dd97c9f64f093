"""Every compiled loop against a plain formula."""
