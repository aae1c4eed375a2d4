// Made by `npm run law:generate` from the files beside it.
import { contents as AU } from './au.ts'
import { contents as BR } from './br.ts'
import { contents as CA } from './ca.ts'
import { contents as CN } from './cn.ts'
import { contents as EU } from './eu.ts'
import { contents as GB } from './gb.ts'
import { contents as HK } from './hk.ts'
import { contents as IN } from './in.ts'
import { contents as JP } from './jp.ts'
import { contents as KR } from './kr.ts'
import { contents as SG } from './sg.ts'
import { contents as TH } from './th.ts'
import { contents as TW } from './tw.ts'
import { contents as US_CA } from './us-ca.ts'
import { contents as US_FL } from './us-fl.ts'
import { contents as US_NY } from './us-ny.ts'
import { contents as US_TX } from './us-tx.ts'
import { contents as US } from './us.ts'
import type { NoticeContents } from '../requirement.ts'

/** What notices have to say, by jurisdiction, in the order of the codes. */
export const NOTICE_CONTENTS: readonly NoticeContents[] = [
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
