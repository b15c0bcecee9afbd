export const treeName = 'bench';
