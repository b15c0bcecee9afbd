/** What a machine's loader is to do next. Paths are as in `/boot/<path>`, without a leading slash. */
export type BootPlan =
  | { readonly kind: 'local' }
  | {
      readonly kind: 'kernel';
      readonly label: string;
      readonly kernel: string;
      readonly initrds: readonly string[];
      /** The kernel's command line. */
      readonly args: string;
    };
