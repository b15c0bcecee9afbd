throw new Error('native addons are not part of this installation');
