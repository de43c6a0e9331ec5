const MACHINES = { x86_64: 0x3e, aarch64: 0xb7 } as const;

/**
 * Makes the smallest program for Linux that prints a line and ends, as elf(5) has it.
 *
 * @param machine What its head says; its code is for x86_64 in any case.
 * @param padding How many bytes follow that are never loaded.
 */
export function printingProgram(
  line: string,
  machine: keyof typeof MACHINES = "x86_64",
  padding = 0,
): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(`${line}\n`);
  // deno-fmt-ignore -- one instruction a line
  const code = [
    0xb8, 1, 0, 0, 0,             // mov eax, 1 (write)
    0xbf, 1, 0, 0, 0,             // mov edi, 1
    0x48, 0x8d, 0x35, 16, 0, 0, 0, // lea rsi, [rip + 16]
    0xba, text.length, 0, 0, 0,   // mov edx, length
    0x0f, 0x05,                   // syscall
    0xb8, 60, 0, 0, 0,            // mov eax, 60 (exit)
    0x31, 0xff,                   // xor edi, edi
    0x0f, 0x05,                   // syscall
  ];
  const [base, headers] = [0x400000n, 64 + 56];
  const size = headers + code.length + text.length;
  const bytes = new Uint8Array(size + padding);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, MACHINES[machine], true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, base + BigInt(headers), true);
  view.setBigUint64(32, 64n, true);
  [64, 56, 1].forEach((value, at) => view.setUint16(52 + 2 * at, value, true));
  view.setUint32(64, 1, true);
  view.setUint32(68, 5, true);
  view.setBigUint64(80, base, true);
  view.setBigUint64(88, base, true);
  view.setBigUint64(96, BigInt(size), true);
  view.setBigUint64(104, BigInt(size), true);
  view.setBigUint64(112, 0x1000n, true);
  bytes.set(code, headers);
  bytes.set(text, headers + code.length);
  return bytes;
}
