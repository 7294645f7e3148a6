import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";

/** A C2SP signed note (c2sp.org/signed-note): text, an empty line, one Ed25519 signature line. */
const ED25519 = 1;
const SPKI_PREFIX_BYTES = 12;

/** Who signed: a name without spaces or plus signs, and the key. */
export interface NoteVerifier {
  name: string;
  publicKey: KeyObject;
}
export interface NoteSigner extends NoteVerifier {
  privateKey: KeyObject;
}

const rawKey = (key: KeyObject): Buffer =>
  key.export({ format: "der", type: "spki" }).subarray(SPKI_PREFIX_BYTES);

/** First four bytes of SHA-256(name, newline, algorithm, key). */
function keyId({ name, publicKey }: NoteVerifier): Buffer {
  const hash = createHash("sha256")
    .update(`${name}\n`)
    .update(Buffer.from([ED25519]));
  return hash.update(rawKey(publicKey)).digest().subarray(0, 4);
}

/** A verifier as text, `<name>+<key id>+<key>`, to be kept where the log is not. */
export function encodeVerifier(verifier: NoteVerifier): string {
  const key = Buffer.concat([Buffer.from([ED25519]), rawKey(verifier.publicKey)]);
  return `${verifier.name}+${keyId(verifier).toString("hex")}+${key.toString("base64")}`;
}

/** Reads what encodeVerifier wrote. Throws for anything else. */
export function decodeVerifier(text: string): NoteVerifier {
  const [name = "", id = "", ...rest] = text.trim().split("+");
  const bytes = Buffer.from(rest.join("+"), "base64");
  if (bytes.length !== 33 || bytes[0] !== ED25519) throw new Error("This is no verifier key.");
  const jwk = { kty: "OKP", crv: "Ed25519", x: bytes.subarray(1).toString("base64url") };
  const verifier = { name, publicKey: createPublicKey({ key: jwk, format: "jwk" }) };
  if (keyId(verifier).toString("hex") !== id) throw new Error("This is no verifier key.");
  return verifier;
}

/** A new signing key as PEM. */
export function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync("ed25519");
  return String(privateKey.export({ format: "pem", type: "pkcs8" }));
}

export function signerOf(name: string, pem: string): NoteSigner {
  const privateKey = createPrivateKey(pem);
  return { name, privateKey, publicKey: createPublicKey(privateKey) };
}

/** `text` ends with a newline and holds no empty line. */
export function signNote(signer: NoteSigner, text: string): string {
  const signature = sign(null, Buffer.from(text), signer.privateKey);
  const line = Buffer.concat([keyId(signer), signature]).toString("base64");
  return `${text}\n— ${signer.name} ${line}\n`;
}

/** The text of a note, or undefined when the verifier did not sign it. */
export function openNote(verifier: NoteVerifier, note: string): string | undefined {
  const at = note.lastIndexOf("\n\n");
  const text = note.slice(0, at + 1);
  const [mark, name, line = ""] = note
    .slice(at + 2)
    .trim()
    .split(" ");
  const bytes = Buffer.from(line, "base64");
  const ours = at > 0 && mark === "—" && name === verifier.name && bytes.length === 68;
  if (!ours || !bytes.subarray(0, 4).equals(keyId(verifier))) return undefined;
  return verify(null, Buffer.from(text), verifier.publicKey, bytes.subarray(4)) ? text : undefined;
}
