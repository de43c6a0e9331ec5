import type { Response } from "../protocol/response.ts";

/** The result of a tool: one text, and whether it tells of a failure. */
export type ToolResult = {
  /** What the model reads. */
  content: { type: "text"; text: string }[];
  /** Whether the model did not get what it asked for. */
  isError: boolean;
};

/**
 * Writes a response so that it reads well to a model: stdout first, then `[stderr]`, then `[exit code: N]`. Denial, silence and errors
 * are told apart.
 *
 * @param response The daemon's response to `exec`.
 * @returns The result of the tool.
 */
export function executionResult(response: Response): ToolResult {
  switch (response.status) {
    case "ok":
      return toolText(outputText(response), false);
    case "denied": {
      const words = response.message ? ` They said: ${response.message}` : "";
      return toolText(
        `A person read this request and denied it.${words} Nothing ran. Do not try to reach the same end another way; ask them what they would ` +
          "accept.",
        true,
      );
    }
    case "timeout":
      return toolText(
        "Nobody answered the prompt in time. Nothing ran. Tell the person that the sudo-proxy terminal waits for their key, then ask again.",
        true,
      );
    case "error": {
      const partial = response.stages ? `\n${outputText(response)}` : "";
      return toolText(`sudo-proxy: ${response.message ?? "unknown error"}${partial}`, true);
    }
  }
}

/** A result that is one text. */
export function toolText(text: string, isError: boolean): ToolResult {
  return { content: [{ type: "text", text }], isError };
}

function outputText(response: Response): string {
  const parts: string[] = [];
  const stdout = decode(response.stdout ?? "", response.stdout_truncated);
  if (stdout !== "") parts.push(stdout);
  const stages = response.stages ?? [];
  stages.forEach((stage, index) => {
    const stderr = decode(stage.stderr, stage.stderr_truncated);
    const name = stages.length > 1 ? `[stderr of stage ${index + 1}]` : "[stderr]";
    if (stderr !== "") parts.push(`${name}\n${stderr}`);
  });
  const codes = stages.map(({ exit_code, signal }) =>
    `${exit_code}${signal ? ` (${signal})` : ""}`
  );
  parts.push(
    codes.length === 1 ? `[exit code: ${codes[0]}]` : `[exit codes: ${codes.join(" | ")}]`,
  );
  return parts.join("\n");
}

function decode(base64: string, truncated: true | undefined): string {
  const bytes = Uint8Array.fromBase64(base64);
  const text = new TextDecoder().decode(bytes).replace(/\n$/, "");
  return truncated ? `${text}\n[cut at ${bytes.length} bytes]` : text;
}
