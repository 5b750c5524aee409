"""From a conversation to a cited summary: pure steps, put together in `summarise`."""
