// JSON Web Tokens (RFC 7519) with HS256, the one algorithm this app signs and accepts.

import { createHmac, timingSafeEqual } from 'node:crypto';

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });
const LIFETIME_SECONDS = 12 * 3_600;

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function signature(content, secret) {
  return createHmac('sha256', secret).update(content).digest();
}

/** A token that says who (`sub`) until when (`exp`). */
export function sign(subject, secret, now = Date.now()) {
  const issued = Math.floor(now / 1000);
  const content = `${HEADER}.${encode({ sub: subject, iat: issued, exp: issued + LIFETIME_SECONDS })}`;
  return `${content}.${signature(content, secret).toString('base64url')}`;
}

/** The subject of a token signed with one of the secrets, or null when it is forged, damaged or expired. */
export function verify(token, secrets, now = Date.now()) {
  const [header, payload, given, ...rest] = token.split('.');
  if (header !== HEADER || !payload || !given || rest.length > 0) return null;
  const found = Buffer.from(given, 'base64url');
  const genuine = secrets.some((secret) => {
    const expected = signature(`${header}.${payload}`, secret);
    return found.length === expected.length && timingSafeEqual(found, expected);
  });
  if (!genuine) return null;
  const { sub, exp } = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return exp * 1000 > now ? sub : null;
}
