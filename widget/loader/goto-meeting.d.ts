/**
 * What a page may rely on of `<goto-meeting>`, for TypeScript:
 *
 *     /// <reference path="./goto-meeting.d.ts" />
 *
 * The proxy serves this file as `/goto-meeting.d.ts`, beside the loader it describes.
 */

/** What is about to be created, as the proxy gets it. */
interface GotoMeetingDraft {
  readonly subject: string;
  /** On the wall clock of `time_zone`: `2027-01-12T14:00`. */
  readonly start: string;
  readonly end: string;
  /** An IANA name. */
  readonly time_zone: string;
  readonly password_required: boolean;
  /** Keys of organizers. */
  readonly co_organizers: readonly string[];
  /** What only the invitation says; left out where that is nothing. */
  readonly invitation?: {
    /** E-mail addresses. */
    readonly participants?: readonly string[];
  };
}

interface GotoMeetingEventMap {
  /** The widget is on the page. */
  'gotomeeting:ready': CustomEvent<null>;
  /** A meeting is about to be created: `preventDefault()` keeps it from that. Not from a frame. */
  'gotomeeting:before-create': CustomEvent<GotoMeetingDraft>;
  /** A meeting was created. */
  'gotomeeting:created': CustomEvent<{ readonly id: string }>;
  /** Its details are shown. */
  'gotomeeting:viewed': CustomEvent<{ readonly id: string }>;
  /** A meeting was changed in *My meetings*. */
  'gotomeeting:changed': CustomEvent<{ readonly id: string }>;
  /** A meeting was cancelled in *My meetings*. */
  'gotomeeting:cancelled': CustomEvent<{ readonly id: string }>;
  /** The employee signed out. */
  'gotomeeting:signed-out': CustomEvent<null>;
  /** The employee was told of a failure. */
  'gotomeeting:error': CustomEvent<{ readonly code: string }>;
}

/** The attributes, each of which may change at any time. */
interface GotoMeetingAttributes {
  page?: 'create_meeting' | 'new_meeting' | 'meeting_details' | 'my_meetings';
  'meeting-id'?: string;
  lang?: string;
  theme?: 'light' | 'dark';
  'time-zone'?: string;
  subject?: string;
  start?: string;
  duration?: string;
  'co-organizers'?: string;
  manage?: 'off';
  mode?: 'element' | 'frame' | 'form';
  proxy?: string;
}

interface GotoMeetingElement extends HTMLElement {
  /** The portal's own token for the employee, where single sign-on is set up; set it anew when it is renewed. */
  token?: string;
  addEventListener<K extends keyof GotoMeetingEventMap>(
    type: K,
    listener: (this: GotoMeetingElement, event: GotoMeetingEventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

interface HTMLElementTagNameMap {
  'goto-meeting': GotoMeetingElement;
}

interface DocumentEventMap extends GotoMeetingEventMap {}
