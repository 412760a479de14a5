import { z } from 'zod';
import type { MeshydbOptions } from './options.ts';
import type { Profile, SecurityQuestion, User } from './users.ts';
import { badRequest } from './vendor-error.ts';

const text = z.string().nullish();
const questions = z.array(z.object({ question: z.string().min(1), answer: z.string().min(1) })).nullish();

export const profileBody = z.object({ firstName: text, lastName: text, phoneNumber: text, emailAddress: text });
export const questionsBody = z.object({ securityQuestions: questions });
export const registrationBody = profileBody.extend({
  username: text,
  newPassword: text,
  securityQuestions: questions,
});

/** Members that are not sent stay as they are. Throws 400 for an e-mail address or a phone number that is none. */
export function changeProfile(user: User, given: z.output<typeof profileBody>): void {
  checkFormats(given);
  for (const name of ['firstName', 'lastName', 'phoneNumber', 'emailAddress'] as const) {
    const value = given[name];
    if (value !== undefined) user[name] = value;
  }
}

export interface Registration extends Profile {
  username: string;
  password: string;
  securityQuestions: SecurityQuestion[];
}

/** Throws 400 for what is missing, or is required by the way in which users are verified. */
export function checkedRegistration(
  given: z.output<typeof registrationBody>,
  verification: MeshydbOptions['verification'],
): Registration {
  const username = given.username?.trim();
  if (!username) throw badRequest('Username is a required field.');
  if (!given.newPassword) throw badRequest('Password is a required field.');
  if (verification === 'email' && !given.emailAddress)
    throw badRequest('Email address is required when Email recovery is enabled.');
  if (verification === 'text' && !given.phoneNumber)
    throw badRequest('Phone number is required when Text recovery is enabled.');
  const securityQuestions = given.securityQuestions ?? [];
  if (verification === 'question' && securityQuestions.length === 0)
    throw badRequest('At least one Security Questions is required when Question recovery is enabled.');
  checkFormats(given);
  return {
    username,
    password: given.newPassword,
    securityQuestions,
    firstName: given.firstName ?? null,
    lastName: given.lastName ?? null,
    phoneNumber: given.phoneNumber ?? null,
    emailAddress: given.emailAddress ?? null,
  };
}

function checkFormats({ emailAddress, phoneNumber }: z.output<typeof profileBody>): void {
  if (emailAddress && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(emailAddress))
    throw badRequest('Email address must be in a valid format.');
  if (phoneNumber && !/^\+[1-9]\d{6,14}$/.test(phoneNumber))
    throw badRequest('Phone number must be in an international format.');
}
