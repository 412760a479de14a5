import { ANONYMOUS_PASSWORD } from './accounts.ts';
import { badRequest } from './vendor-error.ts';

export interface SecurityQuestion {
  question: string;
  answer: string;
}

export interface UserRole {
  name: string;
  addedDate: string;
}

export interface Profile {
  firstName: string | null;
  lastName: string | null;
  phoneNumber: string | null;
  emailAddress: string | null;
}

export interface User extends Profile {
  readonly id: string;
  readonly username: string;
  readonly anonymous: boolean;
  password: string;
  verified: boolean;
  isActive: boolean;
  roles: UserRole[];
  securityQuestions: SecurityQuestion[];
  /** Access tokens up to this number are worth nothing. */
  revokedThrough: number;
}

/** As the vendor answers it: what is not set is null. */
export const shownUser = (user: User) => ({
  id: user.id,
  username: user.username,
  firstName: user.firstName,
  lastName: user.lastName,
  verified: user.verified,
  isActive: user.isActive,
  phoneNumber: user.phoneNumber,
  emailAddress: user.emailAddress,
  roles: user.roles,
  securityQuestions: user.securityQuestions,
  anonymous: user.anonymous,
});

export type NewUser = Pick<User, 'id' | 'username' | 'anonymous'> & Partial<Omit<User, 'revokedThrough'>>;

/** Users of one tenant. */
export class Users {
  readonly #byId = new Map<string, User>();
  readonly #byName = new Map<string, User>();

  /** Throws 400 when the name is taken. */
  add(given: NewUser): User {
    if (this.named(given.username)) throw badRequest('Username must be unique.');
    const user: User = {
      password: ANONYMOUS_PASSWORD,
      firstName: null,
      lastName: null,
      phoneNumber: null,
      emailAddress: null,
      verified: false,
      isActive: true,
      roles: [],
      securityQuestions: [],
      revokedThrough: 0,
      ...given,
    };
    this.#byId.set(user.id, user);
    this.#byName.set(user.username, user);
    return user;
  }

  get(id: string): User | undefined {
    return this.#byId.get(id.toLowerCase());
  }

  named(username: string): User | undefined {
    return this.#byName.get(username);
  }

  remove(user: User): void {
    this.#byId.delete(user.id);
    this.#byName.delete(user.username);
  }

  all(): User[] {
    return [...this.#byId.values()];
  }
}
