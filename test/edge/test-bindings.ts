/** Bindings of the Worker under test. The keys are nobody's: 32 bytes of 7, once in plain and once sealed by Node's libargon2. */
const KEY_ID = '00112233445566ff'

export const PLAIN_ROOT_KEY = JSON.stringify({
  cloakroom: 'root-key',
  version: 1,
  protection: 'none',
  key_id: KEY_ID,
  key: 'BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=',
})

export const OTHER_ROOT_KEY = PLAIN_ROOT_KEY.replace(KEY_ID, 'ff66554433221100').replace('"Bwc', '"Cwc')

export const PASSPHRASE = 'correct horse battery'

export const SEALED_ROOT_KEY = JSON.stringify({
  cloakroom: 'root-key',
  version: 1,
  protection: 'argon2id',
  key_id: KEY_ID,
  memory_kib: 65_536,
  passes: 3,
  lanes: 4,
  salt: 'CQkJCQkJCQkJCQkJCQkJCQ==',
  sealed:
    'AQEJCQkJCQkJCYpRQcrUa4s3+RHvc6V3dIcTlBrvgH9bIolKZFMikVNjAEVgFkGd8VzKsSQjSdZe55traYOlkQb8pHpIvZLqOVHWG8wBUxqqF2ZOGn51AqwM6COJY+05MbvgAtWhPo7G/GeyH1jRWOlV',
})

export const SHARED_ROOT_KEY = JSON.stringify({
  cloakroom: 'root-key',
  version: 1,
  protection: 'shamir',
  key_id: KEY_ID,
  set: 'aaaaaaaaaaaaaaaa',
  threshold: 2,
  shares: 3,
  sealed: JSON.parse(SEALED_ROOT_KEY).sealed,
})

export const TEST_BINDINGS = {
  CLOAKROOM_ENV: 'development',
  CLOAKROOM_PUBLIC_URL: 'https://vault.test',
  CLOAKROOM_LOG_NAME: 'vault.test/log',
  CLOAKROOM_ROOT_KEY: PLAIN_ROOT_KEY,
  CLOAKROOM_ADMIN_SECRET: 'the-admin-secret-of-the-tests-0123456789',
}
