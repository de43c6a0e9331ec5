import { TOOLS } from "../../lib/mcp/server.ts";
import { paragraph, table } from "./blocks.ts";

interface Property {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly items?: Property;
  readonly anyOf?: readonly Property[];
}

/** The tools of the MCP server: what the model reads of each, and its arguments. */
export function toolSections(): string {
  return TOOLS.map((tool) => {
    const { name, title, description, inputSchema, outputSchema } = tool.list();
    const fields = (schema: unknown, head: string) => {
      const { properties = {}, required = [] } = schema as {
        properties?: Record<string, Property>;
        required?: readonly string[];
      };
      const rows = Object.entries(properties).map(([field, property]) => [
        `\`${field}\`${required.includes(field) ? ", required" : ""}`,
        typeOf(property),
        (property.description ?? "").replaceAll(/\s+/g, " "),
      ]);
      return rows.length === 0 ? `No ${head}s.\n` : table([head, "type", "what it is"], ...rows);
    };
    return [
      `### \`${name}\``,
      `${title}. The model reads:`,
      paragraph((description ?? "").replaceAll(/([*_<>[\]])/g, "\\$1"), "> "),
      fields(inputSchema, "argument").trimEnd(),
      fields(outputSchema, "field of the answer"),
    ].join("\n\n");
  }).join("\n");
}

function typeOf({ type, enum: values, items, anyOf, default: standard }: Property): string {
  const name = values !== undefined
    ? values.map((value) => `\`${value}\``).join(", ")
    : anyOf !== undefined
    ? anyOf.map(typeOf).join(" or ")
    : type === "array" && items !== undefined
    ? `array of ${typeOf(items)}`
    : [type ?? "any"].flat().join(" or ");
  return standard === undefined ? name : `${name}; \`${JSON.stringify(standard)}\` if left out`;
}
