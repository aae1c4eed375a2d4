// Made by `npm run law:generate` from the files beside it.
import { law as AU } from './au.ts'
import { law as BR } from './br.ts'
import { law as CA } from './ca.ts'
import { law as CN } from './cn.ts'
import { law as EU } from './eu.ts'
import { law as GB } from './gb.ts'
import { law as HK } from './hk.ts'
import { law as IN } from './in.ts'
import { law as JP } from './jp.ts'
import { law as KR } from './kr.ts'
import { law as SG } from './sg.ts'
import { law as TH } from './th.ts'
import { law as TW } from './tw.ts'
import { law as US_CA } from './us-ca.ts'
import { law as US_FL } from './us-fl.ts'
import { law as US_NY } from './us-ny.ts'
import { law as US_TX } from './us-tx.ts'
import { law as US } from './us.ts'
import type { Jurisdiction } from './rule.ts'

/** The whole of the law, in the order of the codes. */
export const JURISDICTIONS: readonly Jurisdiction[] = [
  AU,
  BR,
  CA,
  CN,
  EU,
  GB,
  HK,
  IN,
  JP,
  KR,
  SG,
  TH,
  TW,
  US_CA,
  US_FL,
  US_NY,
  US_TX,
  US,
]
