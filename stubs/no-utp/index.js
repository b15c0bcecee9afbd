throw new Error('uTP is not part of this installation');
