"""The shapes of everything that crosses a boundary; the JSON Schema, OpenAPI and TypeScript come from here."""
