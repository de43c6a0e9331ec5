/** The longest name of a host. */
export const MAX_HOST_LENGTH = 255;

const HOST = /^[A-Za-z0-9._\-:@[\]]+$/;
const USER = /^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,63}$/;
const LOOPBACK = /^(?:localhost|.*\.localhost|localhost\.localdomain|ip6-localhost|ip6-loopback)$/;
const LOOPBACK_ADDRESS = /^(?:127(?:\.\d{1,3}){1,3}|0\.0\.0\.0|::1|::|(?:0+:){7}0*1)$/;

/**
 * Tells which rule the name of a host breaks, as the end of a sentence. A name becomes part of a
 * file's name and an argument of ssh, so it can be neither a path nor an option.
 */
export function hostFault(name: string): string | undefined {
  if (name === "") return "must not be empty";
  if (name.length > MAX_HOST_LENGTH) return `must have at most ${MAX_HOST_LENGTH} characters`;
  if (!HOST.test(name)) return "must have only letters, digits and . _ - : @ [ ]";
  if (name.startsWith("-")) return 'must not begin with "-", since ssh would take it for an option';
  return /[A-Za-z0-9]/.test(name) ? undefined : "must have a letter or a digit";
}

/** Whom ssh is to reach. */
export interface Destination {
  /** The account there; the ssh configuration decides if it is left out. */
  readonly user?: string;
  /** A name, an address without brackets, or an alias of the ssh configuration. */
  readonly address: string;
}

/**
 * Takes a name apart for ssh, which knows neither `[address]` nor `host:port`.
 *
 * @returns Account and address, or the rule that the name breaks, as the end of a sentence.
 */
export function destinationOf(name: string, login?: string): Destination | string {
  const fault = hostFault(name);
  if (fault !== undefined) return fault;
  const at = name.lastIndexOf("@");
  const user = at < 0 ? login : name.slice(0, at);
  if (at >= 0 && login !== undefined) return "must not name an account where --login does";
  if (user !== undefined && !USER.test(user)) {
    return "must have an account of letters, digits and . _ - + before the @";
  }
  const [, inside, after] = /^\[([^[\]]*)\](.*)$/.exec(withoutUser(name)) ?? [];
  const address = inside ?? withoutUser(name);
  // An IPv6 address has two colons at least.
  if (after?.startsWith(":") || /^[^:]*:[^:]*$/.test(address)) {
    return "must have no port: give the host an alias with a Port in ~/.ssh/config";
  }
  if (after || /[[\]]/.test(address)) return "must have brackets around the whole address only";
  if (address === "" || address.startsWith("-")) {
    return 'must have a host that does not begin with "-"';
  }
  if (inside !== undefined && !inside.includes(":")) {
    return "must have an IPv6 address between the brackets";
  }
  return user === undefined ? { address } : { user, address };
}

/** Tells whether a name without `user@` means this machine: a loopback name, or one of its own. */
export function isThisMachine(name: string, ownName: string): boolean {
  const plain = name.toLowerCase().replace(/^\[(.*)\]$/, "$1").replace(/\.$/, "");
  if (LOOPBACK.test(plain) || LOOPBACK_ADDRESS.test(plain)) return true;
  const own = ownName.toLowerCase().replace(/\.$/, "");
  const short = own.replace(/\..*/s, "");
  return own !== "" && [own, short, `${short}.local`].includes(plain);
}

/** The part of a name that says where, without `user@`. */
export function withoutUser(name: string): string {
  return name.slice(name.lastIndexOf("@") + 1);
}
