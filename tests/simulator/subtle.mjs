// The ciphers of a browser, answered at once: those of Node answer in threads, and so in no order that a seed could give.

import { createDecipheriv, hkdfSync } from "node:crypto";

const TAG = 16; // bytes

export const subtle = {
  importKey: async (_format, bytes) => Uint8Array.from(bytes),

  deriveBits: async ({ hash, salt, info }, key, bits) => hkdfSync(hash.replace("-", ""), key, salt, info, bits / 8),

  async decrypt({ iv, additionalData }, key, sealed) {
    const opener = createDecipheriv(`aes-${key.length * 8}-gcm`, key, iv, { authTagLength: TAG });
    opener.setAAD(additionalData).setAuthTag(sealed.subarray(-TAG));
    return Buffer.concat([opener.update(sealed.subarray(0, -TAG)), opener.final()]);
  },
};
