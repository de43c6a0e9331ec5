// What Deno 2.6, the stand-in, lacks or has otherwise; tests put it before the program. Its locks
// can only be waited for, and it lets a program use any socket whose path it may read and write.
{
  const { FsFile, permissions } = Deno;
  FsFile.prototype.tryLockSync ??= function (exclusive) {
    this.lockSync(exclusive);
    return true;
  };
  const query = permissions.querySync.bind(permissions);
  permissions.querySync = (descriptor) =>
    descriptor.host?.startsWith("unix:")
      ? { state: descriptor.host.includes("/sudo-proxy") ? "granted" : "prompt" }
      : query(descriptor);
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(url, options) {
      if (options.deno) options.deno.permissions.net = false;
      super(url, options);
    }
  };
}
