import { expect } from 'vitest'
import { PROBLEMS } from '../../src/http/problem.ts'
import type { ErrorCode, FieldError } from '../../src/core/errors.ts'
import type { Answered } from './harness.ts'

const BODY = '[0-9a-hjkmnp-tv-z]{26}'

/** An id of one kind, in its one spelling. */
export function anId(...prefixes: readonly string[]): unknown {
  return expect.stringMatching(new RegExp(`^(${prefixes.join('|')})_${BODY}$`))
}

/** The whole problem document, with nothing missing and nothing beside it. */
export function expectProblem(
  answer: Answered,
  code: ErrorCode,
  errors: readonly Pick<FieldError, 'pointer' | 'code'>[] = [],
): void {
  const { status, title, retryable } = PROBLEMS[code]
  expect({ status: answer.status, body: answer.body }).toEqual({
    status,
    body: {
      type: `urn:cloakroom:problem:${code}`,
      title,
      status,
      code,
      retryable,
      errors,
      detail: expect.stringMatching(/^\P{Cc}+$/u),
      request_id: answer.headers.get('x-request-id'),
    },
  })
  expect(answer.headers.get('content-type')).toBe('application/problem+json')
  expect(answer.headers.get('www-authenticate') !== null).toBe(status === 401)
}

/** All of an answer that may tell two refusals apart. */
export function sansRequestId(answer: Answered): unknown {
  const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'x-request-id'))
  return { status: answer.status, headers, text: answer.text.replace(String(answer.body.request_id), '') }
}
