// Who may say they are whom: names with a salted scrypt hash in MongoDB, tokens for those who know the password.

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import { sign, verify } from './tokens.js';

const HASH_BYTES = 32;
const DUPLICATE_KEY = 11_000;
const stretch = promisify(scrypt);

async function hash(password, salt = randomBytes(16)) {
  return { salt: salt.toString('base64'), hash: (await stretch(password, salt, HASH_BYTES)).toString('base64') };
}

async function matches(password, stored) {
  const given = await hash(password, Buffer.from(stored.salt, 'base64'));
  return timingSafeEqual(Buffer.from(given.hash, 'base64'), Buffer.from(stored.hash, 'base64'));
}

/** `register` answers false when the name is taken, `login` a token or null, `whoIs` a name or null. */
export function createAccounts({ jwtSecrets }, { database }) {
  const users = database.collection('users');
  // An unknown name must take as long as a wrong password, or it could be told apart.
  const nobody = hash(randomBytes(16).toString('hex'));

  return {
    async register(name, password) {
      try {
        await users.insertOne({ _id: name, ...(await hash(password)), since: new Date() });
        return true;
      } catch (error) {
        if (error.code === DUPLICATE_KEY) return false;
        throw error;
      }
    },

    async login(name, password) {
      const user = await users.findOne({ _id: name });
      const good = await matches(password, user ?? (await nobody));
      return user && good ? sign(name, jwtSecrets[0]) : null;
    },

    whoIs: (token) => verify(token, jwtSecrets),
  };
}
