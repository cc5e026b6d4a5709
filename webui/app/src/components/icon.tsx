// Line icons of one size. They only repeat what a text beside them says, so they are hidden from screen readers.
import type { JSX } from "preact";

const paths = {
  alert: "M12 8.5v4.5M12 16.4v.1M10.5 4.2 2.9 17.3a1.8 1.8 0 0 0 1.5 2.7h15.2a1.8 1.8 0 0 0 1.5-2.7L13.5 4.2a1.8 1.8 0 0 0-3 0Z",
  check: "m5 12.5 4.6 4.5L19 7.5",
  cross: "m6.5 6.5 11 11m0-11-11 11",
  question: "M9 9.2a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1.1-1.3 2.1M12 17.4v.1M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  search: "m20 20-4.2-4.2M18 11a7 7 0 1 1-14 0 7 7 0 0 1 14 0Z",
  lock: "M7.5 11V8a4.5 4.5 0 0 1 9 0v3M6.5 11h11a1.5 1.5 0 0 1 1.5 1.5v6a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 18.500v-6A1.5 1.5 0 0 1 6.5 11Z",
  clock: "M12 7.500V12l3 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z",
  copy: "M9 9h9.500a1.5 1.5 0 0 1 1.500 1.500V19a1.500 1.500 0 0 1-1.500 1.500H10A1.500 1.500 0 0 1 8.500 19V9.500M15.500 9V5A1.500 1.500 0 0 0 14 3.500H5.500A1.500 1.500 0 0 0 4 5v8.500A1.500 1.500 0 0 0 5.500 15h3",
  send: "M12 19.500V5m-6 6 6-6 6 6",
  stop: "M7 7h10v10H7Z",
  plus: "M12 5v14M5 12h14",
  menu: "M4 7h16M4 12h16M4 17h10",
  refresh: "M19.500 12a7.500 7.500 0 0 1-13.400 4.600M4.500 12a7.500 7.500 0 0 1 13.400-4.600M18.300 3.500v4.200h-4.200M5.700 20.500v-4.200h4.200",
  out: "M14 4.500H6.500A1.500 1.500 0 0 0 5 6v12a1.500 1.500 0 0 0 1.500 1.500H14M10.500 12H20m-3.500-3.500L20 12l-3.500 3.500",
  person: "M16 8a4 4 0 1 1-8 0 4 4 0 0 1 8 0ZM4.500 20a7.500 7.500 0 0 1 15 0",
  arrow: "m9.500 6 6 6-6 6",
  flask: "M9.500 3.500h5M10.500 3.500v6L5 18.500a1.400 1.400 0 0 0 1.200 2h11.600a1.400 1.400 0 0 0 1.200-2L13.500 9.500v-6M7.500 15h9",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
